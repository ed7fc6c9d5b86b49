import { element } from '../../../dom/element';
import type { Interface } from '../interface';
import type { Health } from './health';
import type { Loaded } from './loaded';

/** What runs, by name, and what to do when something does not. */
export function healthLine(health: Loaded<Health>, ui: Interface): HTMLElement {
  const good = health.state === 'here' && health.value.isGood;
  const key =
    health.state === 'asking'
      ? 'health_asking'
      : health.state === 'failed'
        ? 'health_unreachable'
        : good
          ? 'health_good'
          : 'health_bad';
  const parts = health.state === 'here' ? health.value.parts : [];
  const line = element(
    'div',
    {
      id: 'health',
      class: 'health',
      role: 'status',
      'data-good': good,
      'data-bad': !good && health.state !== 'asking',
    },
    element('p', {}, ui.tr(key)),
  );
  if (parts.length === 0) return line;
  const items = parts.map((part) =>
    element(
      'li',
      { 'data-works': String(part.works) },
      part.name,
      element('span', { class: 'visually-hidden' }, ` ${ui.tr(part.works ? 'working' : 'broken')}`),
    ),
  );
  line.append(element('ul', {}, ...items));
  return line;
}
