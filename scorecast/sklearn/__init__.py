"""Estimators for scikit-learn that a Scorecast service trains and answers (`pip install 'scorecast[sklearn]'`)."""

try:
    from scorecast.sklearn.classifier import ScorecastClassifier
    from scorecast.sklearn.regressor import ScorecastRegressor
except ModuleNotFoundError as error:
    raise ImportError("the estimators need scikit-learn: pip install 'scorecast[sklearn]'") from error

__all__ = ["ScorecastClassifier", "ScorecastRegressor"]
