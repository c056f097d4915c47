import { rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { decodeJwt } from 'jose';
import { connect, tokenOf, type ConnectOptions } from '../import/connect.js';
import type { GatewayClient } from '../import/gateway-client.js';
import { ImportError } from '../import/import-error.js';
import { Progress } from '../import/progress.js';
import { OK, STOPPED, type Surroundings } from '../import/import-rows.js';
import { TABLES, type Table } from './tables.js';
import { csvWriter, xlsxWriter, type Writer } from './writers.js';

export interface ExportOptions extends ConnectOptions {
  /** Root of the subtree; by default the unit of the token. */
  under?: string;
  /** Calendar year, for hours. */
  year?: number;
  /** Replaces a file that is there. */
  force?: boolean;
}

const PAGE = 200;
const LABEL = { zh: '已导出行数', en: 'rows exported' };

/** `yanxiu export teachers|hours FILE`: returns the exit code. */
export const exportTable = async (
  what: keyof typeof TABLES,
  file: string,
  options: ExportOptions,
  around: Surroundings,
): Promise<number> => {
  const lang = options.lang ?? 'en';
  const draft = `${file}.part`;
  try {
    const open = await writerFor(file, options);
    const token = await tokenOf(options, around.env);
    const client = await connect({ ...options, token }, around);
    const under = options.under ?? unitOf(token);
    const variables = { under, ...(what === 'hours' && { year: options.year }) };
    try {
      const count = await copy(
        TABLES[what],
        variables,
        client,
        open(draft, TABLES[what]),
        around,
        lang,
      );
      await rename(draft, file);
      const text = { zh: `已导出 ${count} 行到 ${file}`, en: `exported ${count} rows to ${file}` };
      around.stdout.write(`${text[lang]}\n`);
      return OK;
    } finally {
      await client.close();
      await rm(draft, { force: true });
    }
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    around.stderr.write(`yanxiu: ${error.in(lang)}\n`);
    return STOPPED;
  }
};

/** Page by page, so that a province takes no more memory than a school. */
const copy = async (
  table: Table,
  variables: object,
  client: GatewayClient,
  writer: Writer,
  { stderr, clock }: Surroundings,
  lang: keyof typeof LABEL,
): Promise<number> => {
  const progress = new Progress(LABEL[lang], stderr, clock.now);
  let count = 0;
  try {
    for (let after: string | null = null; ;) {
      const page = pageOf(
        await client.ask(table.query, { ...variables, first: PAGE, after }),
        table.connection,
      );
      for (const node of page.nodes) await writer.write(table.rowOf(node));
      count += page.nodes.length;
      progress.update(count, null);
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    await writer.end();
    return count;
  } catch (error) {
    await writer.destroy();
    throw error;
  } finally {
    progress.stop();
  }
};

interface Page {
  nodes: unknown[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

const pageOf = (data: unknown, connection: string): Page =>
  (data as Record<string, Page>)[connection] ?? {
    nodes: [],
    pageInfo: { hasNextPage: false, endCursor: null },
  };

const writerFor = async (file: string, { force }: ExportOptions) => {
  const extension = path.extname(file).toLowerCase();
  if (extension !== '.csv' && extension !== '.xlsx') {
    throw new ImportError(
      `不支持 ${extension || '无扩展名的'} 文件，请用 .xlsx 或 .csv。`,
      `cannot write ${extension || 'a file without extension'}: name it .xlsx or .csv`,
    );
  }
  if (!force && (await stat(file).catch(() => null))) {
    throw new ImportError(
      `${file} 已存在，请换一个文件名，或用 --force 覆盖。`,
      `${file} is there already: name another file, or replace it by --force`,
    );
  }
  const folder = await stat(path.dirname(file)).catch(() => null);
  if (!folder?.isDirectory()) {
    throw new ImportError(
      `没有文件夹 ${path.dirname(file)}。`,
      `there is no folder ${path.dirname(file)}`,
    );
  }
  return extension === '.csv' ? csvWriter : xlsxWriter;
};

/** The unit that the token acts for; the gateway verifies the token. */
const unitOf = (token: string): string | null => {
  try {
    const { unit } = decodeJwt(token);
    return typeof unit === 'string' ? unit : null;
  } catch {
    return null;
  }
};
