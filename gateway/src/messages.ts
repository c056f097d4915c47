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
    en: (limit: string) => `The request is larger than ${limit} bytes.`,
    zh: (limit: string) => `请求超过 ${limit} 字节。`,
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
