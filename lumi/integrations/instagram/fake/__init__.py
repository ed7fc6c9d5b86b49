"""A twin of Instagram messaging: Messenger's twin with the limits, codes and events of Instagram.

`running` and `TwinSettings` are the other one's; `TwinSettings(surface=INSTAGRAM)` makes it this one."""
