// Places of the console by what a person may do. The server decides about rights; this spares detours.
import BookUser from '@lucide/svelte/icons/book-user';
import Building2 from '@lucide/svelte/icons/building-2';
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check';
import DatabaseBackup from '@lucide/svelte/icons/database-backup';
import Hourglass from '@lucide/svelte/icons/hourglass';
import Crosshair from '@lucide/svelte/icons/crosshair';
import House from '@lucide/svelte/icons/house';
import CalendarDays from '@lucide/svelte/icons/calendar-days';
import CircleCheckBig from '@lucide/svelte/icons/circle-check-big';
import CalendarOff from '@lucide/svelte/icons/calendar-off';
import KeyRound from '@lucide/svelte/icons/key-round';
import LockKeyhole from '@lucide/svelte/icons/lock-keyhole';
import Layers from '@lucide/svelte/icons/layers';
import ListOrdered from '@lucide/svelte/icons/list-ordered';
import ListTodo from '@lucide/svelte/icons/list-todo';
import LoaderCircle from '@lucide/svelte/icons/loader-circle';
import ListChecks from '@lucide/svelte/icons/list-checks';
import Monitor from '@lucide/svelte/icons/monitor';
import Mail from '@lucide/svelte/icons/mail';
import Printer from '@lucide/svelte/icons/printer';
import Radio from '@lucide/svelte/icons/radio';
import Rss from '@lucide/svelte/icons/rss';
import SearchCheck from '@lucide/svelte/icons/search-check';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import Siren from '@lucide/svelte/icons/siren';
import Network from '@lucide/svelte/icons/network';
import Users from '@lucide/svelte/icons/users';
import Share2 from '@lucide/svelte/icons/share-2';
import UsersRound from '@lucide/svelte/icons/user-round-check';
import Webhook from '@lucide/svelte/icons/webhook';
import type { Component } from 'svelte';
import type { Key } from '../generated/keys';
import { may, national } from '../lib/session.svelte';

// Icons are Svelte components whose props we leave to them.
type Icon = Component<any>;
export interface Place { href: string; words: Key; icon: Icon; key?: string }
export interface Group { words?: Key; places: Place[] }

const PLACES: (Place & { group: 'home' | 'watch' | 'keep' | 'admin'; when: () => boolean })[] = [
  { group: 'home', href: '/agency', words: 'console.nav.agency', icon: House, key: 'h', when: () => !national() && may('notice.read') },
  { group: 'watch', href: '/queue', words: 'console.nav.queue', icon: ListChecks, key: 'q', when: () => national() && may('notice.read') },
  { group: 'watch', href: '/notices', words: 'console.nav.notices', icon: Mail, key: 'n', when: () => may('notice.read') },
  { group: 'watch', href: '/findings', words: 'console.nav.findings', icon: ListTodo, when: () => may('finding.read') },
  { group: 'watch', href: '/actions', words: 'console.nav.actions', icon: CircleCheckBig, key: 'a', when: () => may('action.read') },
  { group: 'watch', href: '/letters', words: 'console.nav.letters', icon: Printer, when: () => may('notice.letter') },
  { group: 'watch', href: '/events', words: 'console.nav.events', icon: Radio, key: 'e', when: () => may('event.read') },
  { group: 'watch', href: '/lookup', words: 'console.nav.lookup', icon: SearchCheck, key: 'u', when: () => may('event.read') },
  { group: 'watch', href: '/feeds', words: 'console.nav.feeds', icon: Rss, key: 'f', when: () => may('feed.read') },
  { group: 'watch', href: '/indicators', words: 'console.nav.indicators', icon: Crosshair, key: 'i', when: () => may('indicator.read') },
  { group: 'watch', href: '/wall', words: 'console.nav.wall', icon: Monitor, when: () => national() && may('metrics.read') },
  { group: 'keep', href: '/organisations', words: 'console.nav.organisations', icon: Building2, key: 'o', when: () => national() && may('org.read') },
  { group: 'keep', href: '/groups', words: 'console.nav.groups', icon: Share2, when: () => may('group.read') },
  { group: 'keep', href: '/ledger', words: 'console.nav.ledger', icon: ScrollText, key: 'l', when: () => may('ledger.read') },
  { group: 'keep', href: '/glass', words: 'console.nav.glass', icon: Siren, key: 'b', when: () => may('glass.read') },
  { group: 'admin', href: '/people', words: 'console.nav.people', icon: Users, key: 'p', when: () => may('person.read') },
  { group: 'admin', href: '/contacts', words: 'console.nav.contacts', icon: BookUser, when: () => may('recert.read') },
  { group: 'admin', href: '/mail-keys', words: 'console.nav.mail_keys', icon: LockKeyhole, when: () => may('recert.read') },
  { group: 'admin', href: '/channels', words: 'console.nav.channels', icon: Webhook, when: () => may('channel.read') },
  { group: 'admin', href: '/confirmations', words: 'console.nav.confirmations', icon: ClipboardCheck, when: () => may('recert.read') },
  { group: 'admin', href: '/delegations', words: 'console.nav.delegations', icon: Network, when: () => may('delegation.read') },
  { group: 'admin', href: '/leave', words: 'console.nav.leave', icon: CalendarOff, when: () => may('leave.read') },
  { group: 'admin', href: '/calendar', words: 'console.nav.calendar', icon: CalendarDays, when: () => may('session.read') },
  { group: 'admin', href: '/keys', words: 'console.nav.keys', icon: KeyRound, key: 'k', when: () => may('key.read') },
  { group: 'admin', href: '/acts', words: 'console.nav.acts', icon: UsersRound, when: () => may('act.read') },
  { group: 'admin', href: '/jobs', words: 'console.nav.jobs', icon: LoaderCircle, key: 'j', when: () => may('job.read') },
  { group: 'admin', href: '/retention', words: 'console.nav.retention', icon: Hourglass, when: () => may('admin.read') },
  { group: 'admin', href: '/backups', words: 'console.nav.backups', icon: DatabaseBackup, when: () => may('backup.read') },
  { group: 'admin', href: '/first-hour', words: 'console.nav.first_hour', icon: ListOrdered, when: () => may('admin.read') },
  { group: 'admin', href: '/realms', words: 'console.nav.realms', icon: Layers, when: () => may('realm.write') },
];

export function groups(): Group[] {
  const of = (group: string) => PLACES.filter((p) => p.group === group && p.when());
  return [
    { places: of('home') },
    { words: 'console.nav.watch' as Key, places: of('watch') },
    { places: of('keep') },
    { words: 'console.nav.admin' as Key, places: of('admin') },
  ].filter((g) => g.places.length > 0);
}

export const places = () => groups().flatMap((g) => g.places);
