import '../demo.css';
import '../landing.css';
import { element } from '../../../dom/element';
import { preferredLanguage, speak, type Interface, type TextKey } from '../interface';
import { languagesBar } from '../languages-bar';
import { logo } from '../logo';
import { fetchOrganisations, type Organisation } from '../organisations';
import { organisationCard } from './cards';
import { fetchHealth, type Health } from './health';
import { healthLine } from './health-line';
import { load, type Loaded } from './loaded';
import { voices } from './voices';

const root = document.getElementById('app') ?? document.body;
let ui: Interface;
let health: Loaded<Health> = { state: 'asking' };
let organisations: Loaded<Organisation[]> = { state: 'asking' };

function loadHealth(): void {
  void load(fetchHealth).then((loaded) => {
    health = loaded;
    document.getElementById('health')?.replaceWith(healthLine(health, ui));
  });
}

function loadOrganisations(): void {
  void load(fetchOrganisations).then((loaded) => {
    organisations = loaded;
    document.getElementById('cards')?.replaceWith(cards());
    document.getElementById('snippet')?.replaceWith(snippet());
    document.getElementById('voices')?.replaceWith(questions());
  });
}

function cards(): HTMLElement {
  const node = element('div', {
    id: 'cards',
    class: 'cards',
    'aria-busy': String(organisations.state === 'asking'),
  });
  if (organisations.state === 'here') {
    const found = organisations.value.map((organisation) => organisationCard(organisation, ui));
    node.append(
      ...(found.length > 0 ? found : [element('p', { class: 'empty' }, ui.tr('organisations_none'))]),
    );
  } else if (organisations.state === 'failed') {
    const again = element('button', { type: 'button', class: 'secondary' }, ui.tr('try_again'));
    again.addEventListener('click', loadOrganisations);
    node.append(element('p', { class: 'empty' }, ui.tr('organisations_failed'), ' ', again));
  } else {
    for (let place = 0; place < 3; place += 1) node.append(element('div', { class: 'card skeleton' }));
  }
  return node;
}

function questions(): HTMLElement {
  return voices(organisations.state === 'here' ? organisations.value : [], ui.language);
}

function snippet(): HTMLElement {
  const slug = organisations.state === 'here' ? (organisations.value[0]?.slug ?? '…') : '…';
  const code = `<script src="${location.origin}/widget.js" data-tenant="${slug}" async></script>`;
  return element(
    'pre',
    { id: 'snippet', class: 'snippet', dir: 'ltr', tabindex: '0' },
    element('code', {}, code),
  );
}

function door(href: string, title: string, about: string): HTMLElement {
  return element('li', {}, element('a', { href }, element('strong', {}, title), element('span', {}, about)));
}

function hero(): HTMLElement {
  const words = element(
    'div',
    {},
    element('h1', {}, ui.tr('headline')),
    element('p', { class: 'lead' }, ui.tr('lead')),
  );
  return element(
    'header',
    { class: 'hero' },
    element('p', { class: 'mark' }, logo(), element('span', {}, 'Lumi')),
    languagesBar(ui, (language) => void show(language)),
    element('div', { class: 'pitch' }, words, questions()),
    healthLine(health, ui),
  );
}

function section(key: 'organisations' | 'elsewhere' | 'embed', ...content: (Node | null)[]): HTMLElement {
  const heading = element('h2', { id: key, tabindex: '-1' }, ui.tr(key));
  return element('section', { 'aria-labelledby': key }, heading, ...content);
}

function sectionLead(key: TextKey): HTMLElement {
  return element('p', { class: 'section-lead' }, ui.tr(key));
}

function doors(): HTMLElement {
  return element(
    'ul',
    { class: 'doors' },
    door('/console', ui.tr('console'), ui.tr('console_about')),
    door('/demo/phone', ui.tr('phone'), ui.tr('phone_about')),
    door('/docs', ui.tr('docs'), ui.tr('docs_about')),
  );
}

function draw(): void {
  document.title = ui.tr('title');
  root.replaceChildren(
    element('a', { class: 'skip', href: '#organisations' }, ui.tr('skip')),
    hero(),
    element(
      'main',
      {},
      section('organisations', sectionLead('organisations_lead'), cards()),
      section('elsewhere', doors()),
      section('embed', sectionLead('embed_about'), snippet()),
    ),
    element('footer', {}, element('p', {}, ui.tr('license'))),
  );
}

async function show(language: Interface['language']): Promise<void> {
  ui = await speak(language);
  draw();
  document.querySelector<HTMLElement>('.languages [aria-pressed="true"]')?.focus();
}

void speak(preferredLanguage()).then((first) => {
  ui = first;
  draw();
  loadHealth();
  loadOrganisations();
});
