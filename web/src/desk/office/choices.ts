// Closed lists of the registry's forms, as the schemas have them.
export const SECTORS = ['government', 'finance', 'telecom', 'health', 'energy', 'transport', 'education', 'media', 'other'] as const;
export const KINDS = ['ministry', 'authority', 'provincial', 'bank', 'telecom', 'health', 'energy', 'transport', 'education', 'media', 'sector_cert', 'national_cert', 'other'] as const;
export const ROLES = ['reader', 'analyst', 'org_admin', 'coordinator', 'auditor', 'admin'] as const;
export const CONTACT_ROLES = ['focal', 'technical', 'management', 'none'] as const;
export const FIELDS = ['key', 'name_en', 'name_ur', 'kind', 'sector', 'province', 'lang', 'provider_key', 'community', 'networks', 'asns', 'domains', 'contact_name', 'contact_mail', 'contact_phone', 'contact_role', 'contact_lang'] as const;
export type Sector = (typeof SECTORS)[number];
export type Kind = (typeof KINDS)[number];
export type Role = (typeof ROLES)[number];
export type ContactRole = (typeof CONTACT_ROLES)[number];
