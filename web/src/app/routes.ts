// Address -> screen. Each screen is loaded when it is first opened.
import type { Component } from 'svelte';
import { match } from '../lib/router.svelte';

// Screens differ in whether they take an id.
type Screen = Component<any>;
type Load = () => Promise<{ default: Screen }>;

const ROUTES: [string, Load][] = [
  ['/queue', () => import('../desk/watch/Queue.svelte')],
  ['/queue/:id', () => import('../desk/watch/Queue.svelte')],
  ['/agency', () => import('../desk/watch/Agency.svelte')],
  ['/notices', () => import('../desk/watch/Notices.svelte')],
  ['/notices/:id', () => import('../desk/watch/Notices.svelte')],
  ['/findings', () => import('../desk/watch/Findings.svelte')],
  ['/findings/:id', () => import('../desk/watch/Findings.svelte')],
  ['/events', () => import('../desk/watch/Events.svelte')],
  ['/events/:id', () => import('../desk/watch/Events.svelte')],
  ['/feeds', () => import('../desk/watch/Feeds.svelte')],
  ['/feeds/:id', () => import('../desk/watch/Feeds.svelte')],
  ['/indicators', () => import('../desk/watch/Indicators.svelte')],
  ['/indicators/:id', () => import('../desk/watch/Indicators.svelte')],
  ['/organisations', () => import('../desk/office/Organisations.svelte')],
  ['/organisations/import', () => import('../desk/office/OrganisationImport.svelte')],
  ['/organisations/:id', () => import('../desk/office/OrganisationPage.svelte')],
  ['/groups', () => import('../desk/office/Groups.svelte')],
  ['/groups/:id', () => import('../desk/office/Groups.svelte')],
  ['/actions', () => import('../desk/office/Actions.svelte')],
  ['/actions/:id', () => import('../desk/office/Actions.svelte')],
  ['/calendar', () => import('../desk/office/Calendar.svelte')],
  ['/retention', () => import('../desk/office/Retention.svelte')],
  ['/letters', () => import('../desk/watch/Letters.svelte')],
  ['/mail-keys', () => import('../desk/office/MailKeyOverview.svelte')],
  ['/backups', () => import('../desk/office/Backups.svelte')],
  ['/lookup', () => import('../desk/watch/LookupMany.svelte')],
  ['/search', () => import('../desk/office/Search.svelte')],
  ['/files/:id', () => import('../desk/office/FilePage.svelte')],
  ['/attachments/:id', () => import('../desk/office/FilePage.svelte')],
  ['/ledger', () => import('../desk/office/Ledger.svelte')],
  ['/people', () => import('../desk/office/People.svelte')],
  ['/people/:id', () => import('../desk/office/People.svelte')],
  ['/passkey', () => import('../desk/office/PasskeyFirst.svelte')],
  ['/keys', () => import('../desk/office/Keys.svelte')],
  ['/glass', () => import('../desk/office/Glass.svelte')],
  ['/glass/:id', () => import('../desk/office/Glass.svelte')],
  ['/jobs', () => import('../desk/office/Jobs.svelte')],
  ['/acts', () => import('../desk/office/Acts.svelte')],
  ['/contacts', () => import('../desk/office/Contacts.svelte')],
  ['/contacts/:id', () => import('../desk/office/Contacts.svelte')],
  ['/channels', () => import('../desk/office/Channels.svelte')],
  ['/channels/:id', () => import('../desk/office/Channels.svelte')],
  ['/confirmations', () => import('../desk/office/Confirmations.svelte')],
  ['/confirmations/:id', () => import('../desk/office/Confirmations.svelte')],
  ['/delegations', () => import('../desk/office/Delegations.svelte')],
  ['/leave', () => import('../desk/office/Leaves.svelte')],
  ['/notifications', () => import('../desk/office/Notifications.svelte')],
  ['/views', () => import('../desk/office/Views.svelte')],
  ['/rights', () => import('../desk/office/MyRights.svelte')],
  ['/components', () => import('./Components.svelte')],
  ['/first-hour', () => import('../desk/office/FirstHour.svelte')],
  ['/realms', () => import('../desk/office/Realms.svelte')],
];

export interface Found { name: string; load: Load; params: Record<string, string> }

export function find(path: string): Found | null {
  for (const [pattern, load] of ROUTES) {
    const params = match(pattern, path);
    if (params) return { name: pattern.split('/')[1] + (pattern.includes('import') ? '/import' : ''), load, params };
  }
  return null;
}
