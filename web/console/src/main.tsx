import './style/styles';
import { DirectionProvider, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { directionOf } from '../../languages/languages';
import { Problem } from './api/problem';
import { loadTexts, preferredLanguage } from './language/interface';
import { LanguageProvider } from './language/LanguageProvider';
import { session } from './modules/session/session';
import { router } from './router';
import { theme } from './style/theme';

/** Asking again helps when nothing answered; a refusal stays a refusal. */
function isWorthRetrying(failures: number, problem: unknown): boolean {
  return failures < 2 && !(problem instanceof Problem && problem.status > 0 && problem.status < 500);
}

const client = new QueryClient({
  defaultOptions: { queries: { staleTime: 30_000, retry: isWorthRetrying }, mutations: { retry: false } },
});

// Nothing of one person's inbox stays for the next who signs in here.
session.subscribe(() => {
  if (session.state.kind === 'out') client.clear();
});

async function start(): Promise<void> {
  const language = preferredLanguage();
  const tr = await loadTexts(language);
  void session.resume();
  createRoot(document.getElementById('app') ?? document.body).render(
    <StrictMode>
      <DirectionProvider initialDirection={directionOf(language)} detectDirection={false}>
        <MantineProvider
          theme={theme}
          defaultColorScheme="auto"
          withCssVariables={false}
          withGlobalClasses={false}
        >
          <QueryClientProvider client={client}>
            <LanguageProvider first={{ language, tr }}>
              <RouterProvider router={router} />
            </LanguageProvider>
          </QueryClientProvider>
        </MantineProvider>
      </DirectionProvider>
    </StrictMode>,
  );
}

void start();
