// A model on this machine, over OpenAI's chat completions: each case says what it answers.

import http from 'node:http';

export class Model {
  /** What the next requests are answered with: `text`, after `delay` ms; or `status`, an error. */
  reply = { text: '', delay: 0 };
  /** The prompts that came. */
  asked = [];
  /** Requests that the other side gave up before they were answered. */
  dropped = 0;

  static async start() {
    const model = new Model();
    model.server = http.createServer((request, response) => void model.#answer(request, response)).listen(0, '127.0.0.1');
    await new Promise((listening) => model.server.once('listening', listening));
    return model;
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}/v1`;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  async #answer(request, response) {
    const { text = '', delay = 0, status = 200 } = this.reply;
    let body = '';
    for await (const part of request) body += part;
    this.asked.push(body);
    response.once('close', () => (this.dropped += response.writableFinished ? 0 : 1));
    await new Promise((done) => setTimeout(done, delay));
    if (status !== 200) {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: text, type: 'invalid_request_error' } }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (delta, finish_reason, more = {}) => {
      const choices = [{ index: 0, delta, finish_reason }];
      response.write(`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model: 'test', choices, ...more })}\n\n`);
    };
    send({ role: 'assistant', content: text }, null);
    send({}, 'stop', { usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } });
    response.end('data: [DONE]\n\n');
  }
}
