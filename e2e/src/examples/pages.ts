import { expect } from '@jest/globals';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import type { System } from '@yanxiu/testkit/system';

const CHROMIUM = '/usr/bin/chromium';
const SHOTS = path.join(tmpdir(), 'yanxiu-screenshots');

/** Whether the pages can be looked at here; a CI machine has to have the browser. */
export function browserIsHere(): boolean {
  if (existsSync(CHROMIUM) || process.env['CI']) return true;
  console.warn(`THE PAGES ARE NOT TESTED: there is no ${CHROMIUM} on this machine`);
  return false;
}

/** A page of the platform in Chromium, with all that it asks for and complains of. */
export async function look(
  system: System,
  visit: (page: Page, shot: (name: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const viewport = { width: 1280, height: 900 };
    const page = await browser.newPage({ locale: 'zh-CN', viewport });
    page.setDefaultTimeout(30_000);
    const asked: string[] = [];
    const problems: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await visit(page, async (name) => {
      await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true });
    });
    expect(asked.length).toBeGreaterThan(0);
    // Pages of the page itself (`blob:`, `data:`) ask no one.
    const origins = asked
      .filter((url) => /^(https?|wss?):/.test(url))
      .map((url) => new URL(url).origin);
    expect([...new Set(origins)]).toEqual([system.url]);
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
  }
}

/** What the explorer shows as its answer, once it has one. */
export async function responseOf(page: Page): Promise<string> {
  const lines = page.locator('.graphiql-response .view-lines');
  await lines.filter({ hasText: '"data"' }).waitFor();
  return (await lines.innerText()).replaceAll('\u00a0', ' ');
}
