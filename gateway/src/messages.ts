import type { Locale } from '@yanxiu/subgraph/errors';

const MESSAGES = {
  unavailable: {
    en: (service: string) => `The ${service} service does not answer right now. Try again later.`,
    zh: (service: string) => `${service} 服务暂时无法响应，请稍后再试。`,
  },
  internal: {
    en: (requestId: string) => `Something went wrong. Quote request ${requestId} to the operator.`,
    zh: (requestId: string) => `系统内部错误，请将请求编号 ${requestId} 告知运维人员。`,
  },
  tooLarge: {
    en: () => 'The request is too large. Send less at once.',
    zh: () => '请求过大，请分次提交。',
  },
  tooMuch: {
    en: () => 'The query asks for too much at once. Ask for less, in several requests.',
    zh: () => '单次查询的内容过多，请缩小范围、分次查询。',
  },
  tooOften: {
    en: () => 'Too many requests. Wait a moment, then try again.',
    zh: () => '请求过于频繁，请稍后再试。',
  },
  schemaClosed: {
    en: () => 'The schema is open to analysts, auditors, officers and operators. Sign in as one.',
    zh: () => '数据模式仅对数据分析、审计、行政管理和运维人员开放，请以相应身份登录。',
  },
  notFree: {
    en: () => 'Name an operation of a client by its id; only analysts may write their own.',
    zh: () => '请以编号指定客户端的既有操作；自行编写查询仅限数据分析、审计和运维人员。',
  },
  unknownOperation: {
    en: () => 'No client has an operation with this id. Update the client.',
    zh: () => '没有该编号的操作，请更新客户端。',
  },
  badRequest: {
    en: () => 'The request body is not valid JSON.',
    zh: () => '请求内容不是有效的 JSON。',
  },
} as const;

/** What the gateway itself says, in the caller's language. */
export function message(key: keyof typeof MESSAGES, locale: Locale, detail = ''): string {
  return MESSAGES[key][locale](detail);
}
