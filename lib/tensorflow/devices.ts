/** Devices that TensorFlow runs on, and how it uses them. */
export { configureDevices, type Device, type DeviceOptions, listDevices } from "./_context.ts";
