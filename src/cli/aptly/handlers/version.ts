import { version } from '../../../app/version.ts';
import type { Handler } from '../../command.ts';

export const run: Handler = async () => ({ lines: [`espejo version: ${version}`] });
