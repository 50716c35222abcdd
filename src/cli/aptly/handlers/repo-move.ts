import type { Handler } from '../../command.ts';
import { transferHandler } from '../transfer.ts';

export const run: Handler = transferHandler('move');
