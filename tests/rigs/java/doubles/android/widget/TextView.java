package android.widget;

import android.view.View;

/** Double of Android's class: its name and signatures alone. */
public class TextView extends View {
  private final CharSequence text;

  public TextView(CharSequence text) {
    this.text = text;
  }

  public CharSequence getText() {
    return text;
  }
}
