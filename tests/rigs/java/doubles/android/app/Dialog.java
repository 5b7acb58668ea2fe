package android.app;

import android.view.View;
import android.view.Window;
import android.widget.TextView;

/** Double of Android's class: its name and signatures alone. */
public class Dialog {
  private TextView message;

  public void show() {
    message = new TextView("May we send what you type?");
  }

  public void dismiss() {
  }

  public Window getWindow() {
    return new Window();
  }

  public <T extends View> T findViewById(int id) {
    @SuppressWarnings("unchecked")
    T view = (T) message;
    return view;
  }
}
