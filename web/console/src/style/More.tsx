import { Button } from '@mantine/core';
import { useInterface } from '../language/interface';

interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** The way to the next page of a list; nothing behind the last one. */
export function More({ of: pages, fullWidth = false }: { of: Pages; fullWidth?: boolean }) {
  const { tr } = useInterface();
  if (!pages.hasNextPage) return null;
  return (
    <Button
      variant="subtle"
      fullWidth={fullWidth}
      loading={pages.isFetchingNextPage}
      onClick={() => void pages.fetchNextPage()}
    >
      {tr('more')}
    </Button>
  );
}
