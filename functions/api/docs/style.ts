/** The look of the documentation page: the system's own fonts and colours, light or dark. */
export const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, CanvasText 18%, Canvas); --soft: color-mix(in srgb, CanvasText 65%, Canvas); }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 0 1rem 6rem; }
header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; position: sticky; top: 0; background: Canvas; border-bottom: 1px solid var(--line); }
header h1 { font-size: 1.2rem; margin-right: auto; }
nav { padding: .8rem 0; line-height: 2; }
nav a { margin-right: .6rem; }
small, i { color: var(--soft); font-style: normal; font-weight: normal; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: 0 .8rem; }
summary { cursor: pointer; padding: .5rem 0; }
summary b { display: inline-block; width: 4.2rem; font-size: .8rem; }
summary span { color: var(--soft); margin-left: .6rem; }
.get { color: #2563eb; } .post { color: #15803d; } .put, .patch { color: #b45309; } .delete { color: #dc2626; }
label { display: block; margin: .5rem 0; }
header label { margin: 0; }
input, textarea { display: block; width: 100%; font: 13px ui-monospace, monospace; padding: .35rem; border: 1px solid var(--line); border-radius: 4px; background: transparent; color: inherit; }
header input { display: inline-block; width: 16rem; }
pre { overflow: auto; max-height: 30rem; border-top: 1px solid var(--line); padding: .6rem 0; font-size: 12.5px; }
button { padding: .35rem 1.1rem; margin: .4rem 0 .8rem; }
`;
