// Checks the style of nothing in particular.
const language = (process.env.LC_ALL || process.env.LANG || 'C').split('.')[0];
console.error(`0 problems${language === 'zh_CN' ? '!' : '.'} (${Math.round(performance.now())} ms)`);
