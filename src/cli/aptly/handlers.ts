import type { Handler } from '../command.ts';

type Load = () => Promise<{ readonly run: Handler }>;

/** The commands of aptly that are there, by their words; what is not listed here is no command of espejo yet. */
export const handlers: Readonly<Record<string, Load>> = {};
