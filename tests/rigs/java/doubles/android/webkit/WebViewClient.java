package android.webkit;

import android.net.http.SslError;

/** Double of Android's class: its name and signatures alone. */
public class WebViewClient {
  public void onReceivedSslError(WebView view, SslErrorHandler handler, SslError error) {
    handler.cancel();
  }
}
