/** Takes the files that are let fall anywhere on the page, instead of the browser leaving it to open them. */
export function takeDropped(take: (files: File[]) => void): void {
  const show = (isOver: boolean) => document.documentElement.toggleAttribute('data-dropping', isOver);
  document.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    show(true);
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) show(false);
  });
  document.addEventListener('drop', (event) => {
    show(false);
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
}
