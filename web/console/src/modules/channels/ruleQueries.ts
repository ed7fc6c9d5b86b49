import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, type Tenant } from '../../api/client';
import { Problem, unwrap } from '../../api/problem';
import { useMay } from '../session/permission';
import { keys as channelKeys } from './queries';

const TENANT = ['tenant'];
const templatesOf = (account: string) => [...channelKeys.all, account, 'templates'];

export function useTenant() {
  return useQuery({
    queryKey: TENANT,
    queryFn: ({ signal }) => unwrap(api.GET('/v1/tenant', { signal })),
    enabled: useMay('tenants:read'),
  });
}

interface Change {
  version: number;
  settings: Partial<Tenant['settings']>;
}

/** Changes the settings that are named; where somebody changed them meanwhile, theirs are read first. */
export function useChangeRules() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ version, settings }: Change) =>
      unwrap(
        api.PATCH('/v1/tenant', {
          params: { header: { 'if-match': String(version) } },
          body: { settings },
        }),
      ),
    onSuccess: (tenant) => client.setQueryData(TENANT, tenant),
    onError: (problem) => (isOutdated(problem) ? client.invalidateQueries({ queryKey: TENANT }) : undefined),
  });
}

/** Whether something was refused because somebody changed it meanwhile. */
export function isOutdated(problem: unknown): boolean {
  return problem instanceof Problem && problem.code === 'version_conflict';
}

export function useTemplates(account: string) {
  return useQuery({
    queryKey: templatesOf(account),
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/v1/channels/{account_id}/templates', { params: { path: { account_id: account } }, signal }),
      ),
  });
}

/** Has the provider asked now. */
export function useRefreshTemplates(account: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      unwrap(
        api.POST('/v1/channels/{account_id}/templates/refresh', {
          params: { path: { account_id: account } },
        }),
      ),
    onSuccess: (list) => client.setQueryData(templatesOf(account), list),
  });
}

/** Has a template sent where free text may not be sent any more, or never by itself. */
export function useChooseTemplate(account: string, template: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (reopens: boolean) =>
      unwrap(
        api.PUT('/v1/channels/{account_id}/templates/{template_id}', {
          params: { path: { account_id: account, template_id: template } },
          body: { purpose: reopens ? 'reopen' : null },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: templatesOf(account) }),
  });
}
