import '../demo.css';
import '../phone.css';
import { element } from '../../../dom/element';
import { preferredLanguage, speak, type Interface } from '../interface';
import { languagesBar } from '../languages-bar';
import { logo } from '../logo';
import { fetchOrganisations, type Organisation } from '../organisations';
import { PEOPLE, type Person } from './people';
import { Screen } from './screen';

const root = document.getElementById('app') ?? document.body;
let ui: Interface;
let organisations: Organisation[] = [];
let screen: Screen | null = null;

/** The choice lives in the address, so that a reload or a link opens the same phone. */
function chosen(): { organisation: Organisation | undefined; person: Person | undefined } {
  const query = new URLSearchParams(location.search);
  const own = PEOPLE.find((person) => person.lang === ui.language);
  return {
    organisation: organisations.find(({ slug }) => slug === query.get('to')) ?? organisations[0],
    person: PEOPLE.find(({ number }) => number === query.get('from')) ?? own ?? PEOPLE[0],
  };
}

function choose(name: 'to' | 'from', value: string): void {
  const url = new URL(location.href);
  url.searchParams.set(name, value);
  history.replaceState(null, '', url);
  showScreen();
}

function picker(
  name: 'to' | 'from',
  label: string,
  options: { value: string; text: string; note: string }[],
): HTMLElement {
  const current = name === 'to' ? chosen().organisation?.slug : chosen().person?.number;
  const items = options.map(({ value, text, note }) => {
    const input = element('input', { type: 'radio', name, value, checked: value === current });
    input.addEventListener('change', () => choose(name, value));
    const about = element('small', { dir: 'ltr' }, note);
    return element('label', {}, input, element('span', {}, element('bdi', {}, text), about));
  });
  return element('fieldset', { class: 'picker' }, element('legend', {}, label), ...items);
}

function showScreen(): void {
  const { organisation, person } = chosen();
  if (!organisation || !person) return;
  screen?.close();
  const next = new Screen(ui, organisation, person);
  const place = document.getElementById('screen');
  place?.replaceChildren(next.node);
  screen = next;
}

function draw(): void {
  document.title = `${ui.tr('phone_title')} · Lumi`;
  const people = PEOPLE.map(({ name, number }) => ({ value: number, text: name, note: `+${number}` }));
  const places = organisations.map(({ slug, name, whatsapp }) => ({
    value: slug,
    text: name,
    note: whatsapp?.display_phone_number ?? '',
  }));
  root.replaceChildren(
    element(
      'header',
      { class: 'top' },
      element(
        'a',
        { class: 'mark', href: '/', 'aria-label': ui.tr('home') },
        logo(),
        element('span', {}, 'Lumi'),
      ),
      languagesBar(ui, (language) => void show(language)),
    ),
    element(
      'main',
      {},
      element(
        'div',
        { class: 'setup' },
        element('h1', {}, ui.tr('phone_title')),
        element('p', { class: 'lead' }, ui.tr('phone_lead')),
        picker('from', ui.tr('whose'), people),
        picker('to', ui.tr('to_whom'), places),
      ),
      element('div', { id: 'screen' }),
    ),
  );
  showScreen();
  for (const input of document.querySelectorAll(':checked')) {
    input.closest('label')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }
}

function drawProblem(text: string): void {
  const again = element('button', { type: 'button', class: 'again' }, ui.tr('try_again'));
  again.addEventListener('click', () => void start());
  root.replaceChildren(element('p', { class: 'problem-line', role: 'alert' }, text, ' ', again));
}

async function show(language: Interface['language']): Promise<void> {
  ui = await speak(language);
  draw();
}

async function start(): Promise<void> {
  ui = await speak(preferredLanguage());
  try {
    organisations = (await fetchOrganisations()).filter(({ whatsapp }) => whatsapp);
  } catch {
    return drawProblem(ui.tr('organisations_failed'));
  }
  if (organisations.length === 0) drawProblem(ui.tr('organisations_none'));
  else draw();
}

void start();
