import type { Handler } from '../../command.ts';
import { publishingHandler } from '../publish-new.ts';

export const run: Handler = publishingHandler('local');
