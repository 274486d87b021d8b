// The panel on the right: what can be seen of a version, one picture at a time.

import { byId } from "../dom.js";
import { state, update, watch } from "../data/state.js";
import { versionsView } from "../versions/versions_view.js";
import { accuracyView } from "./accuracy_view.js";
import { curvesView } from "./curves_view.js";
import { mapView } from "./map_view.js";
import { networkView } from "./network_view.js";
import { makeTabs } from "./tabs.js";

/** Fill the panel. */
export function showPictures() {
  const isShown = (name) => () => state().picture === name;
  const [curves, map, accuracy] = [curvesView(isShown("curves")), mapView(isShown("map")), accuracyView()];
  const refresh = { curves: curves.refresh, map: map.refresh, accuracy: accuracy.refresh };
  const views = [
    ["network", "Network", networkView()],
    ["curves", "Curves", curves.element],
    ["map", "Map", map.element],
    ["accuracy", "Accuracy", accuracy.element],
    ["versions", "Versions", versionsView()],
  ];
  const tabs = makeTabs("Pictures", views, (name) => {
    update({ picture: name });
    refresh[name]?.();
  });
  byId("pictures").append(tabs.element);
  tabs.choose("network");
  watch(["job"], ({ job }) => job && tabs.choose("network"));
}
