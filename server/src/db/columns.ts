import type { ColumnType } from 'kysely';

/** A moment that the database sets on insert unless one is given. */
export type CreatedAt = ColumnType<Date, Date | undefined, never>;
