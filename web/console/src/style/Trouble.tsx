import { Alert, Button } from '@mantine/core';
import { useInterface, useSentence } from '../language/interface';

/** What went wrong, in words, and the way to try again. */
export function Trouble({ problem, retry }: { problem: unknown; retry: () => void }) {
  const { tr } = useInterface();
  const sentence = useSentence();
  return (
    <Alert color="red" role="alert" className="trouble">
      <p>{sentence(problem)}</p>
      <Button variant="default" onClick={retry}>
        {tr('try_again')}
      </Button>
    </Alert>
  );
}
