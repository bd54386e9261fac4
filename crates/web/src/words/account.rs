//! What the pages say about one's own account: codes of a phone beside the password.

use super::Locale;

words! {
    /// The texts about signing in with a code of one's phone.
    AccountWords:
    codes: "两步验证", "Codes from your phone";
    codes_on: "已开启", "on";
    codes_off: "未开启", "off";
    codes_lead: "开启以后，登录时除了密码，还要输入手机上的 6 位验证码。别人知道了密码也进不来。",
        "Once it is on, you log in with your password and a six-digit code from your phone. A password alone opens nothing.";
    codes_state: "两步验证：{state}", "Codes from your phone: {state}";
    must: "学校要求您开启两步验证。开启之前，只能打开账号页面。",
        "Your school asks you to turn this on. Until you do, only your account opens.";
    begin: "开始设置", "Set it up";
    scan: "1. 用手机上的验证器 App（如微软、谷歌的 Authenticator）扫这个二维码", "1. Scan this with an authenticator app on your phone";
    scan_label: "验证器 App 要扫的二维码", "QR code for an authenticator app";
    no_scan: "扫不了？在 App 里手工输入这个密钥（基于时间，6 位）：", "Cannot scan? Type this key into the app (time based, six digits):";
    enter_code: "2. 输入 App 上显示的 6 位数字", "2. Enter the six digits that the app shows";
    confirm: "开启", "Turn it on";
    again: "换一个密钥", "Use another key";
    code_wrong: "验证码不对，或者刚刚用过。请等 App 显示下一个再试；手机的时间也要准。",
        "That code is wrong or was just used. Wait for the next one; your phone’s clock must be right.";
    recovery_title: "请收好这十个备用码", "Keep these ten recovery codes";
    recovery_lead: "两步验证已开启。手机丢了时，用一个备用码代替验证码登录，每个只能用一次。它们只显示这一次：请抄下来或打印，不要和密码放在一起。",
        "Codes are on. If you lose your phone, a recovery code takes the place of a code, each once. They are shown only now: write them down or print them, and keep them away from your password.";
    recovery_done: "已经收好了", "I have kept them";
    recovery_left: "还剩 {n} 个备用码。", "{n} recovery {n:code is|codes are} left.";
    recovery_few: "备用码快用完了：关闭再开启，就有十个新的。", "Few recovery codes are left: turn this off and on again for ten new ones.";
    off_title: "关闭两步验证", "Turn it off";
    off_lead: "换手机时先关闭，再用新手机开启。", "To change phones, turn it off and on again with the new phone.";
    code_or_recovery: "验证码或备用码", "Code or recovery code";
    turn_off: "关闭", "Turn it off";
    login_title: "输入验证码", "Enter your code";
    login_lead: "请打开手机上的验证器 App，输入智笔的 6 位验证码。", "Open the authenticator app on your phone and enter Zhibi’s six digits.";
    login_recovery: "手机不在身边？输入一个备用码。都没有，请管理员重置。",
        "No phone? Enter a recovery code. Without either, ask your administrator to reset it.";
}
