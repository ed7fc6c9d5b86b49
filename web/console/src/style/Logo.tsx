/** Lumi's sign: a morning sun in a speech bubble. */
export function Logo() {
  return (
    <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
      <path
        d="M6 3h20a4 4 0 0 1 4 4v13a4 4 0 0 1-4 4H15l-7 6v-6H6a4 4 0 0 1-4-4V7a4 4 0 0 1 4-4Z"
        fill="#0b5d54"
      />
      <path d="M9 18a7 7 0 0 1 14 0Z" fill="#f0a92e" />
      <path
        d="M16 6.5v2M8.2 9.8l1.4 1.4M23.8 9.8l-1.4 1.4"
        stroke="#f0a92e"
        strokeWidth="1.8"
        strokeLinecap="round"
      />
    </svg>
  );
}
