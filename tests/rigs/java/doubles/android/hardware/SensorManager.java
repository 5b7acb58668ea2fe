package android.hardware;

/** Double of Android's class: its name and signatures alone. */
public class SensorManager {
  public Sensor getDefaultSensor(int type) {
    return new Sensor();
  }
}
