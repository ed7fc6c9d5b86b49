import { useEffect } from 'react';

/** The file that is pasted. Programs for tables and letters put a picture of words beside the words: those count. */
export function pastedFile(data: Pick<DataTransfer, 'files' | 'getData'>): File | undefined {
  return data.getData('text/plain') === '' ? data.files[0] : undefined;
}

/** A file that is dropped beside the place for it is not taken; the browser would open it in place of the page. */
export function useStayingOnDrop(): void {
  useEffect(() => {
    const stay = (event: DragEvent) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'none';
    };
    window.addEventListener('dragover', stay);
    window.addEventListener('drop', stay);
    return () => {
      window.removeEventListener('dragover', stay);
      window.removeEventListener('drop', stay);
    };
  }, []);
}
