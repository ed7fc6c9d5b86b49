"""One file each: a place where bytes are kept, or somebody who looks at them."""
