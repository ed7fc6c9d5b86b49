/** Styles live in a constructed sheet inside a shadow root: no page style gets in, and no page CSP objects. */
const STYLE = `
:host{all:initial;direction:inherit;--brand:#0b5d54;--on-brand:#fff}
button{position:fixed;z-index:2147483000;inset-block-end:20px;inset-inline-end:20px;display:grid;place-items:center;width:56px;height:56px;padding:0;border:0;border-radius:50%;background:var(--brand);color:var(--on-brand);box-shadow:0 2px 6px rgb(0 0 0/.2),0 8px 24px rgb(0 0 0/.18);cursor:pointer}
button:focus-visible{outline:3px solid var(--on-brand);outline-offset:-6px;box-shadow:0 0 0 3px var(--brand)}
svg{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
.badge{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;min-width:22px;height:22px;padding:0 6px;box-sizing:border-box;border-radius:11px;background:#a3271b;color:#fff;font:600 13px/22px system-ui,sans-serif;text-align:center}
.badge:empty{display:none}
.panel{position:fixed;z-index:2147483000;inset-block-end:88px;inset-inline-end:20px;width:400px;height:min(640px,calc(100dvh - 108px));border-radius:16px;overflow:hidden;background:Canvas;box-shadow:0 4px 12px rgb(0 0 0/.15),0 16px 48px rgb(0 0 0/.25);color-scheme:light dark}
.panel[hidden]{display:none}
.panel:not([hidden]){animation:rise .16s ease-out}
@keyframes rise{from{opacity:0;transform:translateY(12px)}}
iframe{display:block;width:100%;height:100%;border:0;color-scheme:light dark}
@media (max-width:480px){.panel{inset:0;width:100%;height:100dvh;border-radius:0}.panel:not([hidden])~button{display:none}}
@media (prefers-reduced-motion:reduce){.panel{animation:none!important}}
`;

const BUBBLE = 'M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Z';
const CROSS = 'M6 6l12 12M18 6 6 18';
const SVG = 'http://www.w3.org/2000/svg';

export interface Panel {
  host: HTMLElement;
  button: HTMLButtonElement;
  badge: HTMLElement;
  panel: HTMLElement;
  drawIcon: (open: boolean) => void;
}

export function buildPanel(): Panel {
  const host = document.createElement('lumi-widget');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const panel = document.createElement('div');
  panel.id = 'panel';
  panel.className = 'panel';
  panel.hidden = true;
  panel.setAttribute('role', 'dialog');

  const button = document.createElement('button');
  button.type = 'button';
  button.setAttribute('aria-controls', 'panel');
  button.setAttribute('aria-haspopup', 'dialog');
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(SVG, 'path');
  svg.append(line);
  const badge = document.createElement('span');
  badge.className = 'badge';
  badge.setAttribute('aria-hidden', 'true');
  button.append(svg, badge);

  root.append(panel, button);
  return { host, button, badge, panel, drawIcon: (open) => line.setAttribute('d', open ? CROSS : BUBBLE) };
}
