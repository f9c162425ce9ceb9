// app.js: the only entry. Each module is optional; every page works without it.
import './theme.js';
import './keys.js';
import './panel.js';
import './panes.js';
import './transcript.js';
import './suggest.js';
import './query.js';
import './histogram.js';
import './results.js';
import './upload.js';
import './copy.js';
import './granting.js';
import './toast.js';
import './drawer.js';
import './look.js';
import './tabs.js';
import './passkeys.js';
