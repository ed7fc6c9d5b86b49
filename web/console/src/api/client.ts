import createClient from 'openapi-fetch';
import { session } from '../modules/session/session';
import type { components, paths } from './schema';

export type Conversation = components['schemas']['ConversationRead'];
export type Message = components['schemas']['MessageRead'];
export type Channel = components['schemas']['ChannelRead'];
export type ChannelNeeds = components['schemas']['ChannelNeeds'];
export type ChannelConnected = components['schemas']['ChannelConnected'];
export type ChannelStatus = components['schemas']['ChannelStatus'];
export type Letter = components['schemas']['DeadLetterRead'];
export type Template = components['schemas']['TemplateRead'];
export type Tenant = components['schemas']['TenantRead'];
export type Troubled = components['schemas']['TroubledDelivery'];

/** Sends with the access token; a token that has run out is renewed once and the request repeated. */
async function authorised(request: Request): Promise<Response> {
  const again = request.clone();
  const token = await session.token();
  const response = await send(request, token);
  if (response.status !== 401) return response;
  const fresh = await session.renew(token);
  return fresh ? send(again, fresh) : response;
}

function send(request: Request, token: string | null): Promise<Response> {
  if (token) request.headers.set('Authorization', `Bearer ${token}`);
  const { lang } = document.documentElement;
  if (lang) request.headers.set('Accept-Language', lang);
  return fetch(request);
}

export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '', fetch: authorised });
