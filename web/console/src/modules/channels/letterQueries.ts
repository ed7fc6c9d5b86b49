import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, type Letter } from '../../api/client';
import { unwrap } from '../../api/problem';
import { useMay } from '../session/permission';
import { asked, type Show, type Source } from './letter';

const PAGE = 20;
/** Nobody tells of a new one; who looks at channels sees it within a minute. */
const FRESH_MS = 60_000;

const keys = {
  all: ['letters'] as const,
  list: (show: Show, source: Source | undefined) => ['letters', show, source ?? ''] as const,
  open: ['letters', 'is-open'] as const,
};

/** Whether any is open that this person may see. */
export function useHasOpenLetters(): boolean {
  const { data } = useQuery({
    queryKey: keys.open,
    queryFn: ({ signal }) =>
      unwrap(api.GET('/v1/dead-letters', { params: { query: { open: true, limit: 1 } }, signal })),
    enabled: useMay('dead_letters:read'),
    refetchInterval: FRESH_MS,
  });
  return (data?.items.length ?? 0) > 0;
}

export function useLetters(show: Show, source: Source | undefined) {
  return useInfiniteQuery({
    queryKey: keys.list(show, source),
    queryFn: ({ pageParam, signal }) => {
      const query = { ...asked(show, source), limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      return unwrap(api.GET('/v1/dead-letters', { params: { query }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

export type Deed = 'close' | 'requeue';

/** Deals with a letter; the lists then show it as what it has become. */
export function useDealWith(letter: Letter) {
  const client = useQueryClient();
  const params = { path: { letter_id: letter.id } };
  return useMutation({
    mutationFn: (deed: Deed) =>
      unwrap(
        deed === 'close'
          ? api.POST('/v1/dead-letters/{letter_id}/close', { params })
          : api.POST('/v1/dead-letters/{letter_id}/requeue', { params }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.all }),
  });
}
