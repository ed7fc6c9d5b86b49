import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, type Troubled } from '../../api/client';
import { unwrap } from '../../api/problem';

export const TROUBLES = ['unknown', 'failed', 'held'] as const;
export type Trouble = (typeof TROUBLES)[number];

/** What was counted is counted anew every ten minutes; what is raised arrives by the socket. */
const FRESH_MS = 60_000;

export const keys = {
  all: ['channels'] as const,
  list: ['channels', 'list'] as const,
  status: (id: string, language: string) => ['channels', id, language] as const,
  troubled: (id: string, state: Trouble, language: string) => ['channels', id, language, state] as const,
};

export function useChannels() {
  return useQuery({
    queryKey: keys.list,
    queryFn: ({ signal }) => unwrap(api.GET('/v1/channels', { params: { query: { limit: 100 } }, signal })),
  });
}

/** What each channel that can be connected needs; that changes with the installation only. */
export function useNeeds() {
  return useQuery({
    queryKey: ['channel-needs'],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/channels/needs', { signal })),
    staleTime: Infinity,
  });
}

/** Gives an account up. The lists are read again when its owner has seen whether the provider was told. */
export function useDisconnect(id: string) {
  return useMutation({
    mutationFn: () =>
      unwrap(api.DELETE('/v1/channels/{account_id}', { params: { path: { account_id: id } } })),
  });
}

/** How often a fresh account is looked at until something comes in. */
const LISTEN_MS = 3_000;

/** Whether anything has come in on an account; asked again and again until it has. */
export function useWasHeard(id: string): boolean {
  const { data } = useQuery({
    queryKey: [...keys.list, 'heard', id],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/channels', { params: { query: { limit: 100 } }, signal })),
    select: ({ items }) => items.some((each) => each.id === id && each.was_heard),
    refetchInterval: ({ state }) =>
      state.data?.items.some((each) => each.id === id && each.was_heard) ? false : LISTEN_MS,
  });
  return data ?? false;
}

export function useStatus(id: string, language: string) {
  return useQuery({
    queryKey: keys.status(id, language),
    queryFn: ({ signal }) =>
      unwrap(api.GET('/v1/channels/{account_id}/status', { params: { path: { account_id: id } }, signal })),
    refetchInterval: FRESH_MS,
  });
}

export function useTroubled(id: string, state: Trouble, language: string) {
  return useInfiniteQuery({
    queryKey: keys.troubled(id, state, language),
    queryFn: ({ pageParam, signal }) => {
      const cursor = pageParam ? { cursor: pageParam } : {};
      const params = { path: { account_id: id }, query: { state, ...cursor } };
      return unwrap(api.GET('/v1/channels/{account_id}/deliveries', { params, signal }));
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** Lets a message leave once more; a person has decided so. */
export function useSendAgain() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ conversation_id, message_id }: Troubled) =>
      unwrap(
        api.POST('/v1/conversations/{conversation_id}/messages/{message_id}/send-again', {
          params: { path: { conversation_id, message_id } },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: keys.all }),
  });
}
