package android.webkit;

/** Double of Android's class: its name and signatures alone. */
public class SslErrorHandler {
  public boolean proceeded;

  public void proceed() {
    proceeded = true;
  }

  public void cancel() {
    proceeded = false;
  }
}
