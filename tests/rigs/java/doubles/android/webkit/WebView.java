package android.webkit;

/** Double of Android's class: its name and signatures alone. */
public class WebView {
}
