import { setAttributes } from '../../dom/element';

const SVG = 'http://www.w3.org/2000/svg';
const SPEECH = 'M6 3h20a4 4 0 0 1 4 4v13a4 4 0 0 1-4 4H15l-7 6v-6H6a4 4 0 0 1-4-4V7a4 4 0 0 1 4-4Z';
const SUN = 'M9 18a7 7 0 0 1 14 0Z';
const RAYS = 'M16 6.5v2M8.2 9.8l1.4 1.4M23.8 9.8l-1.4 1.4';

/** Lumi's sign: a morning sun in a speech bubble. */
export function logo(): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  setAttributes(svg, { viewBox: '0 0 32 32', 'aria-hidden': 'true', class: 'logo' });
  for (const [part, shape] of [
    ['speech', SPEECH],
    ['sun', SUN],
    ['rays', RAYS],
  ] as const) {
    const path = document.createElementNS(SVG, 'path');
    setAttributes(path, { d: shape, class: part });
    svg.append(path);
  }
  return svg;
}
