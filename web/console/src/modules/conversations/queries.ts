import {
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type InfiniteData,
  type QueryClient,
} from '@tanstack/react-query';
import { newUuid } from '../../../../wire/uuid';
import { api, type Conversation, type Message } from '../../api/client';
import { unwrap } from '../../api/problem';
import { useInterface } from '../../language/interface';

export const FILTERS = ['all', 'waiting', 'held', 'unsent'] as const;
export type Filter = (typeof FILTERS)[number];

export const PAGE = 30;
/** Messages shown when a conversation is opened, and added by each "show earlier". */
export const STRETCH = 50;

interface Page {
  items: Conversation[];
  next: string | null;
}

export const keys = {
  lists: ['conversations'] as const,
  list: (filter: Filter) => ['conversations', filter] as const,
  one: (id: string) => ['conversation', id] as const,
  messages: (id: string) => ['messages', id] as const,
  /** What became of a message is told in the language it is asked for in. */
  stretch: (id: string, after: number | null, language: string) => ['messages', id, after, language] as const,
};

export function useConversations(filter: Filter) {
  return useInfiniteQuery({
    queryKey: keys.list(filter),
    queryFn: ({ pageParam, signal }): Promise<Page> => {
      const cursor = pageParam ? { cursor: pageParam } : {};
      const query = { state: filter, limit: PAGE, ...cursor };
      return unwrap(api.GET('/v1/conversations', { params: { query }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** The items of all pages read so far; one that moved between two page reads is shown once. */
export function listed(data: InfiniteData<Page> | undefined): Conversation[] {
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return [...new Map(items.map((item) => [item.id, item])).values()];
}

export function useConversation(id: string) {
  return useQuery({
    queryKey: keys.one(id),
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/v1/conversations/{conversation_id}', { params: { path: { conversation_id: id } }, signal }),
      ),
  });
}

/** All messages after a number, however many pages that takes. */
async function messagesAfter(id: string, after: number, signal: AbortSignal): Promise<Message[]> {
  const found: Message[] = [];
  for (let from = after; ;) {
    const params = { path: { conversation_id: id }, query: { after: from, limit: STRETCH } };
    const page = await unwrap(api.GET('/v1/conversations/{conversation_id}/messages', { params, signal }));
    found.push(...page.items);
    const newest = page.items.at(-1)?.n;
    if (newest === undefined || newest >= page.last) return found;
    from = newest;
  }
}

/** The messages after `after`; older ones are added by asking again with a smaller number. */
export function useMessages(id: string, after: number | null) {
  const { language } = useInterface();
  return useQuery({
    queryKey: keys.stretch(id, after, language),
    queryFn: ({ signal }) => messagesAfter(id, after ?? 0, signal),
    enabled: after !== null,
    placeholderData: (before: Message[] | undefined, query) =>
      query?.queryKey[1] === id ? before : undefined,
  });
}

function remember(client: QueryClient, conversation: Conversation): void {
  client.setQueryData(keys.one(conversation.id), conversation);
  void client.invalidateQueries({ queryKey: keys.lists });
}

export function useTakeOver(id: string) {
  const client = useQueryClient();
  const params = { path: { conversation_id: id } };
  return useMutation({
    mutationFn: () => unwrap(api.POST('/v1/conversations/{conversation_id}/take-over', { params })),
    onSuccess: (conversation) => remember(client, conversation),
    onError: () => client.invalidateQueries({ queryKey: keys.one(id) }),
  });
}

export function useHandBack(id: string) {
  const client = useQueryClient();
  const params = { path: { conversation_id: id } };
  return useMutation({
    mutationFn: () => unwrap(api.POST('/v1/conversations/{conversation_id}/hand-back', { params })),
    onSuccess: (conversation) => remember(client, conversation),
    onError: () => client.invalidateQueries({ queryKey: keys.one(id) }),
  });
}

/** Lets a message leave once more that did not surely arrive. */
export function useSendAgain(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (message: string) =>
      unwrap(
        api.POST('/v1/conversations/{conversation_id}/messages/{message_id}/send-again', {
          params: { path: { conversation_id: id, message_id: message } },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: keys.messages(id) }),
  });
}

export interface Draft {
  text: string;
  /** Stays the same while one text is tried again, so that it is stored once. */
  key: string;
  /** The file that goes along. */
  attachment?: string | null;
}

export function newDraft(text: string): Draft {
  return { text, key: newUuid() };
}

export function useReply(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ text, key, attachment }: Draft) =>
      unwrap(
        api.POST('/v1/conversations/{conversation_id}/replies', {
          params: { path: { conversation_id: id }, header: { 'Idempotency-Key': key } },
          body: { text, attachment_id: attachment ?? null },
        }),
      ),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.messages(id) }),
        client.invalidateQueries({ queryKey: keys.one(id) }),
      ]),
  });
}
