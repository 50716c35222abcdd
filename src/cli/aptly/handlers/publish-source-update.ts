import type { Handler } from '../../command.ts';
import { stagingHandler } from '../staging.ts';

export const run: Handler = stagingHandler('update');
