// What a site embeds: <script type="module" src="https://desk.example/widget.js"></script><wallet-chat></wallet-chat>
import { WalletChat } from "./chat-element.js";

if (!customElements.get("wallet-chat")) customElements.define("wallet-chat", WalletChat);
