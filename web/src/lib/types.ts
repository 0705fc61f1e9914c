// Names for the schemas of the interface. Everything comes from the OpenAPI document.
import type { components } from '../generated/api';

type Schemas = components['schemas'];
export type Session = Schemas['Session'];
export type Rights = Schemas['Rights'];
export type RolesPreview = Schemas['RolesPreview'];
export type KeyPreview = Schemas['KeyPreview'];
export type Saw = Schemas['Saw'];
export type Problem = Schemas['Problem'];
export type Texts = Schemas['Texts'];
export type OrgRef = Schemas['OrgRef'];
export type Organisation = Schemas['Organisation'];
export type Network = Schemas['Network'];
export type Person = Schemas['Person'];
export type Invitation = Schemas['Invitation'];
export type Key = Schemas['Key'];
export type Passkey = Schemas['Passkey'];
export type ImportReport = Schemas['ImportReport'];
export type LedgerEntry = Schemas['LedgerEntry'];
export type LedgerPublished = Schemas['LedgerPublished'];
export type LedgerWitness = Schemas['LedgerWitness'];
export type Feed = Schemas['Feed'];
export type Event = Schemas['Event'];
export type EventSummary = Schemas['EventSummary'];
export type Finding = Schemas['Finding'];
export type Notice = Schemas['Notice'];
export type Delivery = Schemas['Delivery'];
export type QueueItem = Schemas['QueueItem'];
export type Status = Schemas['Status'];
export type Agency = Schemas['Agency'];
export type Lookup = Schemas['Lookup'];
export type Indicator = Schemas['Indicator'];
export type Act = Schemas['Act'];
export type Glass = Schemas['Glass'];
export type Task = Schemas['Task'];
export type Realm = Schemas['Realm'];
export type Facet = { value: string; label?: string; count: number };
export interface Page<T> { items: T[]; next: string | null }
