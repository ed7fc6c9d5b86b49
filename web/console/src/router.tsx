import { createRootRoute, createRoute, createRouter, Outlet } from '@tanstack/react-router';
import { Gate, PageMissing } from './Gate';
import { Channels } from './modules/channels/Channels';
import { Connect } from './modules/channels/Connect';
import { Letters } from './modules/channels/Letters';
import { SHOWS, SOURCES, type Show, type Source } from './modules/channels/letter';
import { Rules } from './modules/channels/Rules';
import { Inbox } from './modules/conversations/Inbox';
import { FILTERS, type Filter } from './modules/conversations/queries';

const root = createRootRoute({ component: Outlet, notFoundComponent: PageMissing });

const inbox = createRoute({
  getParentRoute: () => root,
  id: 'inbox',
  validateSearch: (search: Record<string, unknown>): { state?: Filter } => {
    const state = FILTERS.find((filter) => filter === search.state);
    return state && state !== 'all' ? { state } : {};
  },
  component: () => <Gate>{(granted) => <Inbox key={granted.tenant.id} granted={granted} />}</Gate>,
});

const channels = createRoute({
  getParentRoute: () => root,
  path: '/channels',
  component: () => <Gate>{(granted) => <Channels key={granted.tenant.id} granted={granted} />}</Gate>,
});

const connect = createRoute({
  getParentRoute: () => root,
  path: '/channels/connect',
  validateSearch: (search: Record<string, unknown>): { channel?: string } =>
    typeof search.channel === 'string' ? { channel: search.channel } : {},
  component: () => <Gate>{(granted) => <Connect key={granted.tenant.id} granted={granted} />}</Gate>,
});

const letters = createRoute({
  getParentRoute: () => root,
  path: '/channels/letters',
  validateSearch: (search: Record<string, unknown>): { show?: Show; source?: Source } => {
    const show = SHOWS.find((each) => each === search.show);
    const source = SOURCES.find((each) => each === search.source);
    return { ...(show && { show }), ...(source && { source }) };
  },
  component: () => <Gate>{(granted) => <Letters key={granted.tenant.id} granted={granted} />}</Gate>,
});

const rules = createRoute({
  getParentRoute: () => root,
  path: '/channels/rules',
  component: () => <Gate>{(granted) => <Rules key={granted.tenant.id} granted={granted} />}</Gate>,
});

const list = createRoute({ getParentRoute: () => inbox, path: '/', component: () => null });

const conversation = createRoute({
  getParentRoute: () => inbox,
  path: 'conversations/$conversationId',
  component: () => null,
});

export const router = createRouter({
  routeTree: root.addChildren([channels, connect, letters, rules, inbox.addChildren([list, conversation])]),
  basepath: '/console',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
