/** Sends the forms of the documentation page. The key stays in the page: it is never stored. */
export const SCRIPT = `
for (const form of document.querySelectorAll('form')) form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const out = form.querySelector('pre');
  out.hidden = false;
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = {};
  const key = document.getElementById('key').value;
  if (key) headers['X-API-Key'] = key;
  for (const input of form.querySelectorAll('input')) {
    if (input.value === '') continue;
    if (input.dataset.in === 'path') path = path.replace('{' + input.name + '}', encodeURIComponent(input.value));
    else if (input.dataset.in === 'query') query.set(input.name, input.value);
    else headers[input.name] = input.value;
  }
  const body = form.querySelector('textarea');
  if (body) headers['Content-Type'] = 'application/json';
  const search = query.size ? '?' + query : '';
  out.textContent = '…';
  try {
    const answer = await fetch(path + search, { method: form.dataset.method, headers, body: body ? body.value : undefined });
    out.textContent = answer.status + ' ' + answer.statusText + '\\n\\n';
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (let part; reader && !(part = await reader.read()).done; ) {
      text += part.value;
      out.textContent = answer.status + '\\n\\n' + text.slice(-200000);
    }
    try { out.textContent = answer.status + '\\n\\n' + JSON.stringify(JSON.parse(text), null, 2); } catch {}
  } catch (error) {
    out.textContent = String(error);
  }
});
const open = () => { const target = document.getElementById(location.hash.slice(1)); if (target?.tagName === 'DETAILS') target.open = true; };
addEventListener('hashchange', open);
open();
`;
