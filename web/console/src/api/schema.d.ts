/**
 * The part of Lumi's API that the console uses, in the shape `openapi-typescript` writes. `npm run api` replaces
 * this file by one made from docs/openapi.json.
 */
export interface paths {
  '/v1/auth/sign-in': { post: operations['sign_in'] };
  '/v1/auth/refresh': { post: operations['refresh'] };
  '/v1/auth/sign-out': { post: operations['sign_out'] };
  '/v1/channels': { get: operations['list_channels']; post: operations['connect_channel'] };
  '/v1/channels/needs': { get: operations['list_channel_needs'] };
  '/v1/channels/{account_id}': { delete: operations['disconnect_channel'] };
  '/v1/channels/{account_id}/status': { get: operations['get_channel_status'] };
  '/v1/channels/{account_id}/deliveries': { get: operations['list_channel_deliveries'] };
  '/v1/channels/{account_id}/templates': { get: operations['list_templates'] };
  '/v1/channels/{account_id}/templates/refresh': { post: operations['refresh_templates'] };
  '/v1/channels/{account_id}/templates/{template_id}': { put: operations['choose_template'] };
  '/v1/dead-letters': { get: operations['list_dead_letters'] };
  '/v1/dead-letters/{letter_id}/close': { post: operations['close_dead_letter'] };
  '/v1/dead-letters/{letter_id}/requeue': { post: operations['requeue_dead_letter'] };
  '/v1/conversations': { get: operations['list_conversations'] };
  '/v1/conversations/{conversation_id}': { get: operations['get_conversation'] };
  '/v1/conversations/{conversation_id}/messages': { get: operations['list_messages'] };
  '/v1/conversations/{conversation_id}/replies': { post: operations['create_reply'] };
  '/v1/conversations/{conversation_id}/attachments': { post: operations['attach_file'] };
  '/v1/conversations/{conversation_id}/attachments/{attachment_id}': {
    get: operations['get_attached_file'];
    delete: operations['take_back_file'];
  };
  '/v1/conversations/{conversation_id}/messages/{message_id}/send-again': { post: operations['send_message_again'] };
  '/v1/conversations/{conversation_id}/take-over': { post: operations['take_over'] };
  '/v1/conversations/{conversation_id}/hand-back': { post: operations['hand_back'] };
  '/v1/tenant': { get: operations['get_tenant']; patch: operations['update_tenant'] };
}

export interface components {
  schemas: {
    SignIn: { email: string; password: string; tenant?: string | null; keep: 'cookie' | 'body' };
    Refresh: { refresh_token?: string | null };
    SignedInRead: {
      access_token: string;
      token_type: string;
      expires_in: number;
      refresh_token?: string | null;
      tenant: { id: string; slug: string; name: string };
      identity: { id: string; email: string; name: string };
      permissions: string[];
    };
    ChannelRead: {
      id: string;
      channel: string;
      external_id: string;
      name: string;
      connected_at: string;
      disconnected_at: string | null;
      state: components['schemas']['AccountState'];
      was_heard: boolean;
      webhook_url: string | null;
      has_templates: boolean;
      from_outside: boolean;
    };
    AccountState: 'well' | 'unheard' | 'attention' | 'broken' | 'disconnected';
    ChannelCreate: { channel: string; name?: string | null; credentials: Record<string, string> };
    ChannelConnected: { account: components['schemas']['ChannelRead']; verify_token: string | null };
    ChannelDisconnected: { provider_told: boolean };
    ChannelNeed: { name: string; says: string; secret: boolean; required: boolean; way: string | null };
    ChannelNeeds: { channel: string; needs: components['schemas']['ChannelNeed'][] };
    ChannelPage: { items: components['schemas']['ChannelRead'][]; next: string | null };
    ChannelStatus: {
      id: string;
      channel: string;
      name: string;
      state: components['schemas']['AccountState'];
      alerts: { kind: string; raised_at: string; says: string }[];
      heard_at: string | null;
      checked_at: string | null;
      token: { expires_at: string | null; days_left: number | null; has_ended: boolean; refused_at: string | null };
      failure: { at: string; why: string; says: string; said: string } | null;
      deliveries: components['schemas']['DeliveryCounts'];
      hours: {
        hour: string;
        expected: number | null;
        received: number;
        sent: number;
        failed: number;
        unknown: number;
      }[];
    };
    DeliveryCounts: {
      waiting: number;
      later: number;
      sent: number;
      delivered: number;
      read: number;
      failed: number;
      unknown: number;
      held: number;
    };
    TroubledDelivery: {
      id: string;
      conversation_id: string;
      message_id: string;
      state: string;
      text: string;
      says: string;
      at: string;
    };
    TroubledPage: { items: components['schemas']['TroubledDelivery'][]; next: string | null };
    DeadLetterRead: {
      id: string;
      source: 'webhook' | 'event' | 'job';
      origin: string;
      reason: string;
      body: string;
      body_bytes: number;
      created_at: string;
      closed_at: string | null;
      requeued_at: string | null;
    };
    PersonRead: { id: string; name: string; address: string | null };
    ConversationRead: {
      id: string;
      channel: string;
      account_name: string;
      contact: components['schemas']['PersonRead'] | null;
      language: string | null;
      held_by: components['schemas']['PersonRead'] | null;
      wants_human_at: string | null;
      active_at: string;
      last: {
        n: number;
        author: string;
        text: string;
        at: string;
        /** The kind of the first file with it: `image`, `audio`, `voice`, `video` or `document`. */
        file: string | null;
      } | null;
      merged_into: string | null;
      merged: string[];
      quiet_until: string | null;
    };
    ConversationPage: { items: components['schemas']['ConversationRead'][]; next: string | null };
    SourceRead: { id: string; title: string; url: string | null; lang: string };
    MessageRead: {
      id: string;
      n: number;
      author: string;
      author_name: string | null;
      text: string;
      lang: string | null;
      kind: string;
      sources: components['schemas']['SourceRead'][];
      handover: boolean;
      at: string;
      edited_at: string | null;
      deleted_at: string | null;
      delivery: { state: string; error: string | null; says?: string | null } | null;
      attachments: components['schemas']['AttachmentRead'][];
      content: components['schemas']['ContentRead'] | null;
    };
    ContentRead: {
      place: { latitude: number; longitude: number; name: string | null; address: string | null } | null;
      cards: { name: string | null; phones: string[]; emails: string[] }[];
      order: { product: string; quantity: number | null; price: number | null; currency: string | null }[];
      form: { name: string | null; answers: string } | null;
      reaction: { emoji: string | null; to: string | null } | null;
      button: string | null;
      story: { id: string | null; url: string | null } | null;
      referral: { title: string | null; url: string | null; id: string | null } | null;
      links: string[];
      files: string[];
    };
    AttachmentRead: {
      id: string;
      kind: string;
      is_voice: boolean;
      name: string;
      mime: string | null;
      size_bytes: number | null;
      state: string;
      why: string | null;
      transcript: string | null;
      language: string | null;
      file_state: string | null;
      link: string | null;
    };
    MessageList: { items: components['schemas']['MessageRead'][]; last: number };
    ReplyCreate: { text: string; attachment_id: string | null };
    OutgoingFileRead: {
      id: string;
      name: string;
      kind: string;
      shown_as: string;
      mime: string;
      size_bytes: number;
      state: 'waiting' | 'ready' | 'refused' | 'failed' | 'removed';
      why: string | null;
      message_id: string | null;
    };
    TemplateRead: {
      id: string;
      name: string;
      language: string;
      category: string;
      body: string;
      status: 'approved' | 'pending' | 'paused' | 'rejected' | 'disabled';
      reason: string | null;
      purpose: 'reopen' | null;
      seen_at: string;
    };
    TemplateList: { items: components['schemas']['TemplateRead'][] };
    TemplateChoice: { purpose: 'reopen' | null };
    TenantSettings: {
      quiet_from: string;
      quiet_until: string;
      proactive_per_day: number;
      proactive_per_week: number;
      proactive_needs_consent: boolean;
    };
    TenantRead: { id: string; name: string; settings: components['schemas']['TenantSettings']; version: number };
    TenantUpdate: { settings?: Partial<components['schemas']['TenantSettings']> | null };
  };
}

type Json<Content> = { content: { 'application/json': Content } };

export interface operations {
  sign_in: { requestBody: Json<components['schemas']['SignIn']>; responses: { 200: Json<components['schemas']['SignedInRead']> } };
  refresh: {
    requestBody?: Json<components['schemas']['Refresh']>;
    responses: { 200: Json<components['schemas']['SignedInRead']> };
  };
  sign_out: { responses: { 204: { content?: never } } };
  list_channels: {
    parameters: { query?: { limit?: number; cursor?: string | null } };
    responses: { 200: Json<components['schemas']['ChannelPage']> };
  };
  connect_channel: {
    requestBody: Json<components['schemas']['ChannelCreate']>;
    responses: { 201: Json<components['schemas']['ChannelConnected']> };
  };
  list_channel_needs: { responses: { 200: Json<{ items: components['schemas']['ChannelNeeds'][] }> } };
  disconnect_channel: {
    parameters: { path: { account_id: string } };
    responses: { 200: Json<components['schemas']['ChannelDisconnected']> };
  };
  get_channel_status: {
    parameters: { path: { account_id: string } };
    responses: { 200: Json<components['schemas']['ChannelStatus']> };
  };
  list_channel_deliveries: {
    parameters: {
      path: { account_id: string };
      query: { state: 'unknown' | 'failed' | 'held'; limit?: number; cursor?: string | null };
    };
    responses: { 200: Json<components['schemas']['TroubledPage']> };
  };
  list_templates: {
    parameters: { path: { account_id: string } };
    responses: { 200: Json<components['schemas']['TemplateList']> };
  };
  refresh_templates: {
    parameters: { path: { account_id: string } };
    responses: { 200: Json<components['schemas']['TemplateList']> };
  };
  choose_template: {
    parameters: { path: { account_id: string; template_id: string } };
    requestBody: Json<components['schemas']['TemplateChoice']>;
    responses: { 200: Json<components['schemas']['TemplateRead']> };
  };
  list_dead_letters: {
    parameters: {
      query?: {
        source?: 'webhook' | 'event' | 'job' | null;
        open?: boolean | null;
        limit?: number;
        cursor?: string | null;
      };
    };
    responses: { 200: Json<{ items: components['schemas']['DeadLetterRead'][]; next: string | null }> };
  };
  close_dead_letter: {
    parameters: { path: { letter_id: string } };
    responses: { 200: Json<components['schemas']['DeadLetterRead']> };
  };
  requeue_dead_letter: {
    parameters: { path: { letter_id: string } };
    responses: { 200: Json<components['schemas']['DeadLetterRead']> };
  };
  list_conversations: {
    parameters: { query?: { state?: 'all' | 'waiting' | 'held' | 'unsent'; limit?: number; cursor?: string | null } };
    responses: { 200: Json<components['schemas']['ConversationPage']> };
  };
  get_conversation: {
    parameters: { path: { conversation_id: string } };
    responses: { 200: Json<components['schemas']['ConversationRead']> };
  };
  list_messages: {
    parameters: {
      path: { conversation_id: string };
      query?: { after?: number; before?: number; limit?: number };
    };
    responses: { 200: Json<components['schemas']['MessageList']> };
  };
  create_reply: {
    parameters: { path: { conversation_id: string }; header?: { 'Idempotency-Key'?: string } };
    requestBody: Json<components['schemas']['ReplyCreate']>;
    responses: { 201: Json<components['schemas']['MessageRead']> };
  };
  attach_file: {
    parameters: { path: { conversation_id: string }; header?: { 'Idempotency-Key'?: string } };
    responses: { 201: Json<components['schemas']['OutgoingFileRead']> };
  };
  get_attached_file: {
    parameters: { path: { conversation_id: string; attachment_id: string } };
    responses: { 200: Json<components['schemas']['OutgoingFileRead']> };
  };
  take_back_file: {
    parameters: { path: { conversation_id: string; attachment_id: string } };
    responses: { 204: { content?: never } };
  };
  send_message_again: {
    parameters: { path: { conversation_id: string; message_id: string } };
    responses: { 200: Json<components['schemas']['MessageRead']> };
  };
  take_over: {
    parameters: { path: { conversation_id: string } };
    responses: { 200: Json<components['schemas']['ConversationRead']> };
  };
  hand_back: {
    parameters: { path: { conversation_id: string } };
    responses: { 200: Json<components['schemas']['ConversationRead']> };
  };
  get_tenant: { responses: { 200: Json<components['schemas']['TenantRead']> } };
  update_tenant: {
    parameters: { header?: { 'if-match'?: string | null } };
    requestBody: Json<components['schemas']['TenantUpdate']>;
    responses: { 200: Json<components['schemas']['TenantRead']> };
  };
}
