import { describe } from 'vitest';
import { apt, type Job, workshop } from './support/workshop.ts';

const PAGE =
  'printf \'<p id=a>before</p><script>document.getElementById("a").textContent = 6 * 7</script>\' > /tmp/page.html';

const JOBS: readonly Job[] = [
  {
    what: 'Chromium, without a screen',
    lines: [
      'command -v chromium > /dev/null || {',
      apt('chromium'),
      '}',
      PAGE,
      'chromium --headless=new --no-sandbox --disable-gpu --dump-dom file:///tmp/page.html 2>/dev/null | grep -o "<p id=.a.>[0-9]*"',
    ],
    prints: '<p id="a">42\n',
    needs: ['apt'],
  },
  {
    what: 'Playwright, which drives it, types, waits and takes a picture',
    lines: [
      'pip install -q playwright 2>/dev/null',
      "cat > drive.py <<'END'",
      'from playwright.sync_api import sync_playwright',
      'with sync_playwright() as playwright:',
      '    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])',
      '    page = browser.new_page()',
      '    page.set_content("<input id=i><button onclick=\\"setTimeout(() => o.textContent = i.value + \'!\', 50)\\">x</button><p id=o>")',
      '    page.fill("#i", "typed"); page.click("button"); page.wait_for_function("o.textContent")',
      '    print(page.text_content("#o"), page.screenshot()[:4])',
      '    browser.close()',
      'END',
      'python3 drive.py',
    ],
    prints: "typed! b'\\x89PNG'\n",
    needs: ['apt', 'pip'],
  },
];

describe('a browser in a session', () => workshop(JOBS));
